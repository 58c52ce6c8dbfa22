/**
 * What a browser needs of the host's environment: where to find programs, files, display and
 * fonts, and how to speak to the user. Everything else, tokens and passwords first of all, stays
 * out of a process that runs other people's code.
 */
const NEEDED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'LD_LIBRARY_PATH',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'FONTCONFIG_FILE',
  'FONTCONFIG_PATH',
  'CHROME_DEVEL_SANDBOX',
  'CHROMIUM_FLAGS',
  // Windows: without SystemRoot no process there can open a socket.
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'PROGRAMW6432',
  'USERPROFILE',
  'USERNAME',
  'USERDOMAIN',
  'HOMEDRIVE',
  'HOMEPATH',
  'COMPUTERNAME',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
]);
const NEEDED_PREFIXES = ['LC_', 'XDG_'];
const PROXIES = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']);

/** The part of `environment` (default: this process's) that a browser is started with. */
export function browserEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    const upper = name.toUpperCase();
    if (NEEDED.has(upper) || NEEDED_PREFIXES.some((prefix) => upper.startsWith(prefix))) {
      kept[name] = value;
    } else if (PROXIES.has(upper)) {
      // Chromium ignores credentials in these anyway: `proxyAuthentication` is the way.
      kept[name] = value.replace(/\/\/[^/@]*@/, '//');
    }
  }
  return kept;
}
