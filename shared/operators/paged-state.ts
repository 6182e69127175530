import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { NO_PLACES, noSummary, type Page, type PageRecord, widen } from "../state/page.ts";
import { Pages } from "../state/pages.ts";
import { type Place, packed, unpacked } from "../state/place.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { EventContext } from "./context.ts";
import { isOver, isPaged, type PagedOperator, type StatefulOperator } from "./operator.ts";

/** An operator whose state is kept in pages, and its pages. */
export type PagedPart = { readonly id: string; readonly operator: PagedOperator; readonly pages: Pages };

type Due = { readonly at: EpochMs; readonly page: Page };

/**
 * Which of a fold's state is in memory, and what a batch lacked. A batch that lacks something goes on as if
 * there were nothing, so that one attempt finds all that it lacks; whatever it did is taken back.
 */
export class PagedState {
  readonly #context: EventContext;
  readonly #operators: ReadonlyMap<string, StatefulOperator>;
  readonly parts: ReadonlyMap<string, PagedPart>;
  readonly #missing = new Set<Page>();
  readonly #dues = new Dues(({ summary }) => summary.due);
  readonly #streamDues = new Dues(({ summary }) => summary.streamDue);
  readonly #processingDues = new Dues((page) => this.#processingDue(page));
  readonly #sweepDues = new Dues(({ summary }) => summary.sweepDue ?? END_OF_TIME);

  constructor(context: EventContext, operators: ReadonlyMap<string, StatefulOperator>) {
    this.#context = context;
    this.#operators = operators;
    this.parts = new Map(
      [...operators].flatMap(([id, operator]): [string, PagedPart][] =>
        isPaged(operator) ? [[id, { id, operator, pages: new Pages(id) }]] : [],
      ),
    );
  }

  /** The pages without which the batch came out wrong. */
  get missing(): readonly Page[] {
    return [...this.#missing];
  }

  /** The earliest watermark for which a page must be read. */
  get nextDue(): EpochMs {
    return this.#dues.first;
  }

  /** The same of processing time. */
  get nextProcessingDue(): EpochMs {
    return this.#processingDues.first;
  }

  /**
   * When a page that lies unread is needed for a processing time. At once where it is not known, since what wrote it
   * did not go by that, or where some of it may be over meanwhile: the log names the next such time, for a tick.
   */
  #processingDue({ operator, summary }: Page): EpochMs {
    const { processingDue, due, until } = summary;
    const { watermark } = this.#context;
    const by = this.parts.get(operator)?.operator;
    if (by?.clocks?.wakesByProcessingTime !== true || processingDue === END_OF_TIME) return END_OF_TIME;
    if (isOver(by, until, watermark)) return END_OF_TIME;
    const isKnown = processingDue !== undefined && (due > watermark || due === END_OF_TIME);
    return isKnown ? processingDue : BEGINNING_OF_TIME;
  }

  /** Windows, sessions and ids that are not in memory, as of when they were last written. */
  absent(operator: string): number {
    const part = this.parts.get(operator);
    if (part === undefined || part.pages.complete) return 0;
    const { watermark } = this.#context;
    return part.pages.list.reduce(
      (n, { resident, summary }) =>
        resident || isOver(part.operator, summary.until, watermark) ? n : n + summary.count,
      0,
    );
  }

  /** Asks for the page of a place where the operator found nothing; false where it is not in memory. */
  need(operator: string, group: number, key: Key): boolean {
    const pages = this.parts.get(operator)?.pages;
    if (pages === undefined || pages.complete) return true;
    const page = pages.find([group, key]);
    if (!page.resident) this.#missing.add(page);
    return page.resident;
  }

  /** Asks for the pages that may hold a key, whatever its group: the groups of a page are its marks, or one that is 0. */
  needKey(operator: string, key: Key): void {
    const pages = this.parts.get(operator)?.pages;
    if (pages === undefined || pages.complete) return;
    const groups = new Set([0, ...pages.list.flatMap(({ summary }) => summary.marks)]);
    for (const group of groups) this.need(operator, group, key);
  }

  /** Asks for all pages that wait for a watermark up to `to`. */
  needDue(to: EpochMs): void {
    this.#dues.take(to, this.#missing);
  }

  /** Asks for all pages that wait for a stream time up to `to`. */
  needStreamDue(to: EpochMs): void {
    this.#streamDues.take(to, this.#missing);
  }

  /** Asks for all pages that wait for a processing time up to `to`. */
  needProcessingDue(to: EpochMs): void {
    this.#processingDues.take(to, this.#missing);
    this.#sweepDues.take(to, this.#missing);
  }

  /** The batch was taken back: it will lack what it lacked, until that is read. */
  rollback(): void {
    this.#missing.clear();
    this.#rewind();
  }

  /** Notes what the batch changed, now that it counts. */
  committed(changes: readonly Change[]): void {
    let id: string | undefined;
    let part: PagedPart | undefined;
    for (const change of changes) {
      // those of one operator come together
      if (change[0] !== id) {
        id = change[0];
        part = this.parts.get(id);
      }
      const place = part?.operator.placeOf(change);
      if (place !== undefined) part?.pages.dirty.add(place);
    }
    this.#rewind();
  }

  #rewind(): void {
    this.#dues.rewind();
    this.#streamDues.rewind();
    this.#processingDues.rewind();
    this.#sweepDues.rewind();
  }

  /** Applies a change of the log: at once where its page is in memory, else once it is read. */
  apply(change: Change): void {
    const part = this.parts.get(change[0]);
    const place = part?.operator.placeOf(change);
    if (part === undefined || place === undefined) {
      this.#operators.get(change[0])?.apply(change);
      return;
    }
    const { operator, pages } = part;
    const page = pages.complete ? undefined : pages.find(place);
    if (page === undefined || page.resident) {
      operator.apply(change);
      pages.dirty.add(place);
      return;
    }
    page.pending.push(change);
    const wakes = operator.wakes(change);
    widen(page.summary, wakes);
    if (wakes.mark !== undefined) operator.expect(wakes.mark);
  }

  /** Takes up the pages of a snapshot, none of which is in memory. */
  restore(pages: ReadonlyMap<string, readonly Page[]>): void {
    for (const [id, list] of pages) {
      const part = this.parts.get(id);
      part?.pages.replace(list);
      for (const { summary } of list) for (const mark of summary.marks) part?.operator.expect(mark);
    }
  }

  /** Takes the content of a page into memory. Timers must be armed afterwards. */
  load(page: Page, content: readonly PageRecord[]): void {
    const part = this.parts.get(page.operator);
    if (part === undefined || page.resident) return;
    const { operator, pages } = part;
    const { watermark } = this.#context;
    const lives = (change: Change): boolean => !isOver(operator, operator.wakes(change).until, watermark);
    for (const [, , , ...changes] of content)
      for (const change of changes) if (lives(change)) operator.apply(change);
    for (const change of page.pending) {
      if (lives(change)) operator.apply(change);
      const place = operator.placeOf(change);
      if (place !== undefined) pages.dirty.add(place);
    }
    page.places = packed(content.map(([group, key]): Place => [group, key]));
    page.pending = [];
    page.resident = true;
  }

  /** Takes pages as they were written just now: nothing is dirty any more. */
  written(pages: ReadonlyMap<string, readonly Page[]>): void {
    for (const [id, list] of pages) {
      const part = this.parts.get(id);
      part?.pages.replace(list);
      part?.pages.dirty.clear();
    }
    this.settle();
  }

  /** Removes pages from memory, none of which has changed since it was written. */
  evict(evicted: Iterable<Page>): void {
    for (const page of evicted) {
      const operator = this.parts.get(page.operator)?.operator;
      if (operator === undefined || !page.resident) continue;
      const { summary } = page;
      Object.assign(summary, noSummary());
      if (summary.processingDue !== undefined) summary.processingDue = undefined;
      if (summary.sweepDue !== undefined) summary.sweepDue = undefined;
      for (const place of unpacked(page.places)) {
        for (const change of operator.stateAt(place)) widen(summary, operator.wakes(change));
        operator.evict(place);
      }
      page.places = NO_PLACES;
      page.resident = false;
    }
  }

  /** To be called where pages were read, forgotten or replaced. */
  settle(): void {
    const absent: Page[] = [];
    for (const { pages } of this.parts.values()) {
      pages.settle();
      if (!pages.complete) for (const page of pages.list) if (!page.resident) absent.push(page);
    }
    this.#missing.clear();
    this.#dues.set(absent);
    this.#streamDues.set(absent);
    this.#processingDues.set(absent);
    this.#sweepDues.set(absent);
  }
}

/** Pages by when they are due. */
class Dues {
  readonly #dueOf: (page: Page) => EpochMs;
  #sorted: readonly Due[] = [];
  #at = 0;

  constructor(dueOf: (page: Page) => EpochMs) {
    this.#dueOf = dueOf;
  }

  set(pages: readonly Page[]): void {
    this.#sorted = pages
      .map((page) => ({ at: this.#dueOf(page), page }))
      .filter(({ at }) => at < END_OF_TIME)
      .sort((a, b) => a.at - b.at);
    this.#at = 0;
  }

  get first(): EpochMs {
    return this.#sorted[0]?.at ?? END_OF_TIME;
  }

  rewind(): void {
    this.#at = 0;
  }

  take(to: EpochMs, into: Set<Page>): void {
    for (let due = this.#sorted[this.#at]; due !== undefined && due.at <= to; due = this.#sorted[this.#at]) {
      into.add(due.page);
      this.#at += 1;
    }
  }
}
