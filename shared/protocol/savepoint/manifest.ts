import { MillraceError } from "../../errors/millrace-error.ts";
import type { StagePlan } from "../../plan/plan.ts";
import { decodeValue, encodeValue } from "../../state/codec.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Position } from "../entry.ts";
import type { Blobs } from "../ports.ts";

/**
 * What a savepoint says of itself: the manifest, written last, so that one that is half written does not exist.
 * Objects are named by their whole keys, in the bucket of the manifest.
 */
export type Savepoint = {
  /** Grows when the meaning of a field changes; a reader refuses what it does not know. */
  readonly format: 1;
  readonly id: string;
  readonly application: string;
  /** Of the logs that it was taken from. */
  readonly epoch: number;
  readonly createdAt: EpochMs;
  /** The build that took it. */
  readonly codeVersion: string;
  /** By id, what the source streams were called: who reads others begins in them anew. */
  readonly streams: Readonly<Record<string, string>>;
  /** Those that feed others first. */
  readonly stages: readonly SavedStage[];
};

export type SavedStage = {
  readonly plan: StagePlan;
  /** By partition. */
  readonly partitions: readonly SavedPartition[];
};

export type SavedPartition = {
  /** The last entry that counts; 0 where none was committed. */
  readonly v: number;
  /** Of the stage that wrote it; absent where nothing was committed. */
  readonly fingerprint?: string;
  readonly watermark: EpochMs;
  readonly positions: readonly Position[];
  readonly counts: Readonly<Record<string, number>>;
  /** State as of `v` of the snapshot; absent where the log was young. */
  readonly snapshot?: { readonly v: number; readonly key: string; readonly bytes: number };
  /** The object with the entries behind the snapshot, and the one that closes them. */
  readonly log: string;
  /** What was sent and not taken yet, and is kept here. */
  readonly inFlight: { readonly frames: number; readonly rows: number };
};

const ROOT = "savepoints";

/** Where all savepoints of an application are. */
const folderOf = (application: string): string => `${ROOT}/${application}/`;

/** The key of an object of a savepoint. */
export const savedKey = ({ application, id }: Pick<Savepoint, "application" | "id">, name: string): string =>
  `${folderOf(application)}${id}/${name}`;

const MANIFEST = "manifest.json";

export const writeManifest = (blobs: Blobs, savepoint: Savepoint): Promise<void> =>
  blobs.put(savedKey(savepoint, MANIFEST), new TextEncoder().encode(encodeValue(savepoint)));

/** @throws MillraceError `SAVEPOINT_UNKNOWN` where there is none of that name, or one of a later format */
export async function readSavepoint(blobs: Blobs, application: string, id: string): Promise<Savepoint> {
  const bytes = await blobs.get(savedKey({ application, id }, MANIFEST));
  if (bytes === undefined) throw unknown(`application "${application}" has no savepoint "${id}"`);
  const savepoint = decodeValue(new TextDecoder().decode(bytes)) as Savepoint;
  if (savepoint.format !== 1)
    throw unknown(`savepoint "${id}" is of format ${savepoint.format}, which this build does not know`);
  return savepoint;
}

/** The names of an application's savepoints, in alphabetical order: what is half written has none. */
export async function savepointIds(blobs: Blobs, application: string): Promise<string[]> {
  const folder = folderOf(application);
  return (await blobs.list(folder))
    .filter((key) => key.endsWith(`/${MANIFEST}`))
    .map((key) => key.slice(folder.length, -MANIFEST.length - 1))
    .sort();
}

const unknown = (sentence: string): MillraceError =>
  new MillraceError("SAVEPOINT_UNKNOWN", sentence, { next: "refused" });
