// oauth-ratchet
export { CopyError }
export { CopyErrorCode }
export { CopyOptions }
export { CopyProgress }
export { CopyReport }
export { Counts }
export { Finding }
export { Severity }
export { checkConfiguration }
export { checkServer }
export { copyStorage }
export { version }

declare class CopyError extends Error {
    readonly name = "CopyError";
    readonly code: CopyErrorCode;
    constructor(code: CopyErrorCode, message: string);
}
declare const version = "0.1.0";
declare function checkConfiguration(options: Partial<Options>): Promise<readonly Finding[]>;
declare function checkServer(issuer: string): Promise<readonly Finding[]>;
declare function copyStorage(from: Storage, to: Storage, options?: CopyOptions): Promise<CopyReport>;
declare function ok(code: string, message: string): Finding;
interface CopyOptions {
    readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
    readonly now?: (() => number) | undefined;
}
interface CopyProgress {
    readonly phase: 'copying' | 'comparing the source' | 'comparing the target';
    readonly done: number;
}
interface CopyReport {
    readonly copied: Counts;
    readonly expired: number;
    readonly damaged: readonly string[];
}
interface Counts {
    readonly live: number;
    readonly codes: number;
    readonly revoked: number;
    readonly tombstones: number;
    readonly clients: number;
    readonly marks: number;
    readonly values: number;
}
interface Finding {
    readonly code: string;
    readonly severity: Severity;
    readonly message: string;
    readonly remedy?: string;
}
type CopyErrorCode = 'target_not_empty' | 'target_in_copy' | 'source_unfinished' | 'source_changed' | 'target_changed';
type Options = AuthorizationServerOptions;
type Severity = 'ok' | 'note' | 'warning' | 'error';
