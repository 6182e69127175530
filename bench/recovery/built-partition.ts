import { zstd } from "../../functions/aws/zstd.ts";
import { concat } from "../../shared/frames/concat.ts";
import { newestStart } from "../../shared/operators/window.ts";
import { decodeSnapshot, encodeSnapshot } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import type { BlockRef, Page, PageRecord } from "../../shared/state/page.ts";
import { days, END_OF_TIME, type EpochMs, epochMs, plus } from "../../shared/time/time.ts";
import { Store } from "./ports.ts";
import { Numbers, PROFILE_DAYS, profilesStage, ROW_CHARS, Source, settled, type User } from "./profiles.ts";

export const START: EpochMs = epochMs(1_704_067_200_000);
const ROWS_PER_PAGE = 32;
const PAGES_PER_OBJECT = 2_000;
const OPERATOR = "profile";

/** A partition with so much state, in its store. */
export type Built = { readonly store: Store; readonly users: number; readonly sequence: number };

/**
 * A partition whose state comes to so many characters, with some entries after its snapshot. The pages are written
 * as a snapshot has them, not folded from a million events: that would measure nothing and take minutes.
 */
export async function buildPartition(chars: number, entriesAfter: number): Promise<Built> {
  const users = Math.round(chars / ROW_CHARS);
  const store = new Store();
  const source = new Source();
  const numbers = new Numbers(1);
  const first = new StageLoop(profilesStage, store.environment({ snapshotEntries: 1 }));
  await settled(first, source, START, [{ user: -1, profile: numbers.profile() }]);
  fill(store, users, numbers);
  const after = new StageLoop(profilesStage, store.environment({}));
  for (let i = 0; i < entriesAfter; i += 1) await settled(after, source, START, batchOf(numbers, users, 100));
  return { store, users, sequence: source.sequence };
}

export const batchOf = (numbers: Numbers, users: number, size: number): User[] =>
  Array.from({ length: size }, () => ({ user: numbers.below(users), profile: numbers.profile() }));

/** Puts the rows of all users behind the partition's snapshot. */
function fill(store: Store, users: number, numbers: Numbers): void {
  const ref = store.snapshot;
  const snapshot = ref && decodeSnapshot(ref.key, store.objects.get(ref.key) ?? new Uint8Array(), zstd);
  if (ref === undefined || snapshot === undefined) throw new Error("the partition has no snapshot");
  const objects = new Map(snapshot.objects);
  const pages: Page[] = [...(snapshot.pages.get(OPERATOR) ?? [])];
  for (let user = 0, n = 0; user < users; n += 1) {
    const object = `filled-${n}`;
    const blocks: Uint8Array[] = [];
    let offset = 0;
    for (; blocks.length < PAGES_PER_OBJECT && user < users; user += ROWS_PER_PAGE) {
      const text = pageText(user, Math.min(user + ROWS_PER_PAGE, users), numbers);
      const bytes = zstd.compress(new TextEncoder().encode(text));
      pages.push(pageOf(user, { object, offset, length: bytes.length, chars: text.length }));
      blocks.push(bytes);
      offset += bytes.length;
    }
    store.objects.set(object, concat(blocks));
    objects.set(object, offset);
  }
  objects.set("", 0);
  const filled = { ...snapshot, objects, pages: new Map([[OPERATOR, pages]]) };
  store.snapshot = { ...ref, key: `${ref.key}-filled` };
  store.objects.set(store.snapshot.key, encodeSnapshot(filled, [], zstd).bytes);
}

const window = newestStart(days(PROFILE_DAYS), START);
const end = plus(window, days(PROFILE_DAYS));

function pageText(from: number, to: number, numbers: Numbers): string {
  const records: string[] = [];
  for (let user = from; user < to; user += 1) {
    const newest = { time: START, value: numbers.profile() };
    records.push(
      encodeValue([window, user, 1, [OPERATOR, "put", window, user, [1, newest], 1, 0]] satisfies PageRecord),
    );
  }
  return `[${records.join(",")}]`;
}

const pageOf = (user: number, block: BlockRef): Page => ({
  operator: OPERATOR,
  first: [window, user],
  chain: [block],
  summary: { due: end, streamDue: END_OF_TIME, until: end, marks: [window], count: ROWS_PER_PAGE },
  resident: false,
  places: new Map(),
  pending: [],
  used: 0,
});
