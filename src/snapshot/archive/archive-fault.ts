import { HoldfastError } from '../../errors.js';
import { dataPathError, isFileSystemError } from '../../system/data-path-error.js';

type FaultCode = 'ARCHIVE_DAMAGED' | 'ARCHIVE_REFUSED' | 'PROFILE_EMPTY';

/** What is wrong with an archive; whoever knows which archive it is makes a HoldfastError of it. */
export class ArchiveFault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, what: string, options?: ErrorOptions) {
    super(what, options);
    this.code = code;
  }
}

export const damaged = (what: string, cause?: unknown) =>
  new ArchiveFault('ARCHIVE_DAMAGED', what, cause === undefined ? undefined : { cause });

export const refused = (what: string) => new ArchiveFault('ARCHIVE_REFUSED', what);

const LONGEST_SHOWN = 120;

/** A name out of an archive, made harmless for a terminal or a log. */
export function shown(name: string): string {
  const short = name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
  return JSON.stringify(short);
}

const ADVICE: Record<FaultCode, string> = {
  ARCHIVE_DAMAGED: 'Take an undamaged copy of it, or an older one.',
  ARCHIVE_REFUSED: 'Only take archives that whatsapp-web.js or Holdfast made.',
  PROFILE_EMPTY: 'It was made before the login was complete; take another one.',
};

/** Errors about `zipFile`, as they reach the user. */
export function explainReadError(error: unknown, zipFile: string, folder: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (isFileSystemError(error)) {
    return dataPathError(`The archive ${zipFile} cannot be unpacked into ${folder}`, error);
  }
  const fault = error instanceof ArchiveFault ? error : faultOf(error);
  const verdict: Record<FaultCode, string> = {
    ARCHIVE_DAMAGED: 'is damaged',
    ARCHIVE_REFUSED: 'is refused',
    PROFILE_EMPTY: 'holds no session',
  };
  return new HoldfastError(
    fault.code,
    `The archive ${zipFile} ${verdict[fault.code]}: ${fault.message}. ` +
      `Nothing was unpacked. ${ADVICE[fault.code]}`,
    { cause: fault.cause },
  );
}

/** Errors of yauzl and zlib are about what is in the file; yauzl's have no codes. */
function faultOf(error: unknown): ArchiveFault {
  const message = error instanceof Error ? error.message : String(error);
  return /encryption/.test(message) ? refused('it is encrypted') : damaged(message, error);
}
