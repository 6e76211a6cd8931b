/**
 * The disk as a parameter (ARCHITECTURE D10). `FileDisk` is the real one, `SimDisk` a disk in memory that
 * fails, fills up and loses what was not synced. Errors carry an errno name in `code`, as Node's do.
 */
export interface Disk {
  /** Opens for reading and writing; `create` makes the file when there is none, and keeps what is in it. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>;
  /** The whole content of a small file; undefined when there is none. */
  readWhole(path: string): Promise<Uint8Array | undefined>;
  /** What is in a folder, without sizes; empty when there is no such folder. */
  list(folder: string): Promise<readonly DiskEntry[]>;
  /** Bytes of a file; undefined when there is none. */
  sizeOf(path: string): Promise<number | undefined>;
  /** Of the file system that `folder` is on. */
  space(folder: string): Promise<DiskSpace>;
  /** Replaces `to`. Durable only after `syncFolder`. */
  rename(from: string, to: string): Promise<void>;
  /** No error when there is no such file. */
  remove(path: string): Promise<void>;
  /** With its parents; no error when it exists. */
  makeFolder(path: string): Promise<void>;
  /** With all that is in it; no error when there is none. */
  removeFolder(path: string): Promise<void>;
  /** Makes created, renamed and removed entries of this folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Takes a lock file for this process; `undefined` means that it was taken. */
  lock(path: string): Promise<DiskLock>;
}

export interface DiskEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** Of the file system that a folder is on. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** What this process may still use. */
  readonly usableBytes: number;
}

export type DiskLock =
  | { readonly kind: 'locked'; release(): Promise<void> }
  /** `pid` is 0 when the holder is this very process or wrote no id. */
  | { readonly kind: 'held'; readonly pid: number };

export interface DiskFile {
  /** Writes all slices one after the other from `position`. After an error any part may be on the disk. */
  write(position: number, slices: readonly Uint8Array[]): Promise<void>;
  /** Bytes read; fewer than asked only at the end of the file. */
  read(position: number, into: Uint8Array): Promise<number>;
  /** `fdatasync`: what was written before is durable once this answers. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}
