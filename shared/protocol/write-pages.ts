import { isOver, type PagedOperator } from "../operators/operator.ts";
import type { PagedPart } from "../operators/paged-state.ts";
import type { Change } from "../state/change.ts";
import { encodeValue } from "../state/codec.ts";
import { appendTo } from "../state/lists.ts";
import { type BlockRef, noSummary, type Page, type PageRecord, type Summary, widen } from "../state/page.ts";
import { comparePlaces, type Place, packed, unionOf, unpacked } from "../state/place.ts";
import type { EpochMs } from "../time/time.ts";

/** Takes the text of a block and says where it will stand. */
export type BlockSink = (text: string) => BlockRef;

export type PageSizes = {
  /** Characters at which a page ends. */
  readonly pageChars: number;
};

/** Blocks of a page, at most: a reader fetches all of them. */
const MOST_BLOCKS = 4;

/**
 * Writes what changed since the pages were last written, and gives the pages as they are then. A page of which
 * little changed gets a further block with that alone; where its further blocks come to half of its first, or
 * there are too many, it is written anew, so that what is written is a constant times what changed. Pages
 * whose time has passed are left out.
 */
export function writePages(
  { id, operator, pages }: PagedPart,
  watermark: EpochMs,
  used: number,
  sizes: PageSizes,
  sink: BlockSink,
): Page[] {
  const dirty = pages.dirty.sorted();
  const written: Page[] = [];
  const anew = new Rewrite(id, operator, used, sizes, sink, written);
  let at = 0;
  for (const [i, page] of pages.list.entries()) {
    const end = pages.list[i + 1]?.first;
    const from = at;
    while (at < dirty.length && (end === undefined || comparePlaces(dirty[at] as Place, end) < 0)) at += 1;
    const changed = dirty.slice(from, at);
    if (!page.resident || changed.length === 0) {
      anew.end();
      // the time of a page that was never written has passed
      if (!isOver(operator, page.summary.until, watermark))
        written.push(page.pending.length > 0 ? behind(page) : page);
      continue;
    }
    const places = unionOf(unpacked(page.places), changed);
    const delta = deltaOf(page, changed);
    if (delta === undefined) anew.page(page.first, places);
    else {
      anew.end();
      const { summary, present } = surveyed(operator, places);
      if (present.length > 0)
        written.push({
          ...page,
          chain: [...page.chain, sink(delta)],
          summary,
          places: packed(present),
          used,
        });
    }
  }
  anew.end();
  return written;

  /** What changed, where that is little beside what is there. */
  function deltaOf({ chain }: Page, changed: readonly Place[]): string | undefined {
    const [base, ...deltas] = chain;
    if (base === undefined || chain.length >= MOST_BLOCKS) return undefined;
    const most = base.chars / 2 - deltas.reduce((n, { chars }) => n + chars, 0);
    const texts: string[] = [];
    let chars = 1;
    for (const place of changed) {
      const text = textOf(place, 1, operator.stateAt(place));
      chars += text.length + 1;
      if (chars > most) return undefined;
      texts.push(text);
    }
    return `[${texts.join(",")}]`;
  }

  /** A page that lies unread while changes of it came from the log: they go behind what it has. */
  function behind(page: Page): Page {
    const places: Place[] = [];
    const changes = new Map<string, Change[]>();
    for (const change of page.pending) {
      const place = operator.placeOf(change);
      if (place === undefined) continue;
      const name = encodeValue(place);
      if (!changes.has(name)) places.push(place);
      appendTo(changes, name, change);
    }
    places.sort(comparePlaces);
    const texts = places.map((place) => textOf(place, 0, changes.get(encodeValue(place)) ?? []));
    return { ...page, chain: [...page.chain, sink(`[${texts.join(",")}]`)], pending: [] };
  }
}

const textOf = ([group, key]: Place, whole: 0 | 1, changes: readonly Change[]): string =>
  encodeValue([group, key, whole, ...changes] satisfies PageRecord);

function surveyed(operator: PagedOperator, places: readonly Place[]): { summary: Summary; present: Place[] } {
  const summary = noSummary();
  const present = places.filter((place) => {
    const changes = operator.stateAt(place);
    for (const change of changes) widen(summary, operator.wakes(change));
    return changes.length > 0;
  });
  return { summary, present };
}

/** Neighbouring pages that are written anew: cut afresh, since one may have grown and another shrunk. */
class Rewrite {
  readonly #id: string;
  readonly #operator: PagedOperator;
  readonly #used: number;
  readonly #sizes: PageSizes;
  readonly #sink: BlockSink;
  readonly #written: Page[];
  /** Whether the next page has its beginning, and which. */
  #begun = false;
  #first: Place | undefined;
  #texts: string[] = [];
  #chars = 0;
  #places: Place[] = [];
  #summary = noSummary();

  constructor(
    id: string,
    operator: PagedOperator,
    used: number,
    sizes: PageSizes,
    sink: BlockSink,
    written: Page[],
  ) {
    this.#id = id;
    this.#operator = operator;
    this.#used = used;
    this.#sizes = sizes;
    this.#sink = sink;
    this.#written = written;
  }

  page(first: Place | undefined, places: readonly Place[]): void {
    this.#begin(first);
    for (const place of places) {
      const changes = this.#operator.stateAt(place);
      if (changes.length === 0) continue;
      this.#begin(place);
      for (const change of changes) widen(this.#summary, this.#operator.wakes(change));
      const text = textOf(place, 1, changes);
      this.#texts.push(text);
      this.#places.push(place);
      this.#chars += text.length + 1;
      if (this.#chars >= this.#sizes.pageChars) this.#cut();
    }
  }

  end(): void {
    if (this.#texts.length > 0) this.#cut();
    this.#begun = false;
  }

  #begin(first: Place | undefined): void {
    if (!this.#begun) this.#first = first;
    this.#begun = true;
  }

  #cut(): void {
    const chain = [this.#sink(`[${this.#texts.join(",")}]`)];
    this.#written.push({
      operator: this.#id,
      first: this.#first,
      chain,
      summary: this.#summary,
      resident: true,
      places: packed(this.#places),
      pending: [],
      used: this.#used,
    });
    this.#begun = false;
    this.#texts = [];
    this.#chars = 0;
    this.#places = [];
    this.#summary = noSummary();
  }
}
