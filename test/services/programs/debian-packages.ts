import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Keeper } from '../keeper/keeper.js';
import type { Keepers } from '../keeper/keepers.js';
import { Unavailable } from '../unavailable.js';
import { fetchedFolder } from './fetched-folder.js';
import { findPrograms, type Installation, type ProgramSet } from './installation.js';

const onlyAsRoot = 'it is not installed, and can be fetched only as root on Debian or Ubuntu';

/**
 * Unpacks packages of Debian or Ubuntu, with those of their dependencies that the machine lacks,
 * into a folder of the project. The system's own packages, lists and locks are left as they are.
 */
export async function fetchDebianPackages(
  set: ProgramSet,
  keepers: Keepers,
): Promise<Installation> {
  const system = debianLikeSystem();
  if (system === undefined) throw new Unavailable(onlyAsRoot);
  const name = `${set.packages.join('+')}-${system}-${process.arch}`;
  try {
    return await fetchedFolder(name, keepers, {
      check: (root) => findUnpacked(set, root),
      fill: async (root, keeper) => {
        if (process.getuid?.() !== 0) throw new Unavailable(onlyAsRoot);
        console.error(`Fetching ${set.title} for tests (apt-get download, not installed) …`);
        await unpack(await download(set.packages, keeper), root, keeper, set.withoutPackages);
      },
    });
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const { message } = error as Error;
    const complaint = /^E: .*/m.exec(message)?.[0] ?? message.split('\n', 1)[0];
    throw new Unavailable(`it is not installed, and fetching it failed: ${complaint}`, {
      cause: error,
    });
  }
}

/** Such as `debian-12`: what was unpacked on one release may not run on another. */
function debianLikeSystem(): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/etc/os-release')) return undefined;
  const release = readFileSync('/etc/os-release', 'utf8');
  const field = (name: string) => new RegExp(`^${name}=["']?([^"'\n]+)`, 'm').exec(release)?.[1];
  const id = field('ID');
  if (id !== 'debian' && id !== 'ubuntu') return undefined;
  return `${id}-${field('VERSION_ID') ?? field('VERSION_CODENAME')}`;
}

async function findUnpacked(set: ProgramSet, root: string): Promise<Installation> {
  const folders = ['usr/bin', 'usr/sbin', 'bin', 'sbin'].map((folder) => path.join(root, folder));
  folders.push(...(set.folders?.(root) ?? []));
  const found = await findPrograms(set.programs, folders, unpackedEnvironment(root));
  return { ...found, root };
}

/** For programs that take `root` for `/`. */
export function unpackedEnvironment(root: string): NodeJS.ProcessEnv {
  return { ...process.env, LD_LIBRARY_PATH: libraryFolders(root).join(':') };
}

/** `usr/lib/x86_64-linux-gnu` and its like. */
export function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib'].flatMap((folder) => {
    const parent = path.join(root, folder);
    if (!existsSync(parent)) return [];
    return readdirSync(parent)
      .filter((entry) => entry.includes('-linux-gnu'))
      .flatMap((entry) => [path.join(parent, entry), path.join(parent, entry, 'ceph')])
      .filter((entry) => existsSync(entry));
  });
}

/** Gives the folder with the packages. */
async function download(packages: string[], keeper: Keeper): Promise<string> {
  const archives = path.join(keeper.folder, 'archives');
  mkdirSync(path.join(archives, 'partial'), { recursive: true });
  const options = aptOptions({ 'Dir::Cache::archives': archives });
  const install = ['install', '--yes', '--download-only', '--no-install-recommends', ...packages];
  try {
    await apt(keeper, [...options, ...install]);
  } catch {
    // The lists of a container image are missing, those of an old machine name files that are gone.
    const lists = path.join(keeper.folder, 'lists');
    mkdirSync(path.join(lists, 'partial'), { recursive: true });
    options.push(...aptOptions({ 'Dir::State::lists': lists }));
    await apt(keeper, [...options, 'update']);
    await apt(keeper, [...options, ...install]);
  }
  return archives;
}

function aptOptions(values: Record<string, string>): string[] {
  const ours = {
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    // Nothing of the system's is written, so nobody has to wait for us, nor we for anybody.
    'Debug::NoLocking': '1',
    // The user that apt-get downloads as may be unable to enter our folder.
    'APT::Sandbox::User': 'root',
    'Acquire::Retries': '3',
    'Acquire::http::Timeout': '60',
  };
  return Object.entries({ ...ours, ...values }).flatMap(([name, value]) => [
    '-o',
    `${name}=${value}`,
  ]);
}

async function apt(keeper: Keeper, args: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await keeper.finish('apt-get', ['-q', ...args], { env });
}

async function unpack(
  archives: string,
  root: string,
  keeper: Keeper,
  without = /^$/,
): Promise<void> {
  for (const entry of readdirSync(archives).sort()) {
    if (!entry.endsWith('.deb') || without.test(entry)) continue;
    await keeper.finish('dpkg-deb', ['-x', path.join(archives, entry), root]);
  }
}
