import { Fold } from "../../shared/operators/fold.ts";
import { writePages } from "../../shared/protocol/write-pages.ts";
import { decodeValue } from "../../shared/state/codec.ts";
import { type BlockRef, contentOf, NO_PLACES, type Page, type PageRecord } from "../../shared/state/page.ts";
import { type Given, type Input, Runner, through } from "./runner.ts";

/** Folds as a partition does whose state is larger than memory: pages are written, forgotten, and read when they are missing. */
export class PagedRunner extends Runner {
  readonly #blocks = new Map<string, string>();
  readonly #pageChars: number;
  #writes = 0;

  constructor(stage: Runner["stage"], pageChars: number) {
    super(stage);
    this.#pageChars = pageChars;
  }

  override batch(inputs: readonly Input[], from: number): Given {
    for (;;) {
      const given = this.seal(inputs, from);
      if (!this.fold.lacking) {
        this.fold.keep();
        return given;
      }
      const { missing } = this.fold;
      this.fold.rollback();
      this.load(missing);
    }
  }

  get pages(): Page[] {
    return [...this.fold.paged].flatMap(({ pages }) => pages.list);
  }

  get unread(): Page[] {
    return this.pages.filter(({ resident }) => !resident);
  }

  load(pages: readonly Page[]): void {
    this.fold.load(pages.map((page) => [page, contentOf(page.chain.map((ref) => this.#read(ref)))]));
  }

  write(): ReadonlyMap<string, readonly Page[]> {
    this.#writes += 1;
    const sizes = { pageChars: this.#pageChars };
    const pages = new Map(
      [...this.fold.paged].map((part) => [
        part.id,
        writePages(part, this.fold.watermark, this.#writes, sizes, (text) => this.#kept(text)),
      ]),
    );
    this.fold.written(pages);
    return pages;
  }

  /**
   * A new fold from what was written just now, none of which is in memory.
   * @param stage - as other code has it
   */
  restart(stage: Runner["stage"] = this.stage): void {
    const pages = this.write();
    this.stage = stage;
    const { time, counts } = this.fold.sealed;
    const unpaged = through(this.fold.unpaged());
    this.fold = new Fold(this.stage, { codeVersion: "code-1" });
    this.fold.apply(unpaged);
    const unread = new Map(
      [...pages].map(([id, list]) => [
        id,
        list.map((page) => ({
          ...page,
          summary: { ...page.summary },
          places: NO_PLACES,
          pending: [...page.pending],
          resident: false,
        })),
      ]),
    );
    this.fold.resume(time, counts, unread);
  }

  /** Takes up what another has committed, as read from the log: no two share what they then change. */
  follow({ changes, time, counts }: Given): void {
    this.fold.apply(through(changes));
    this.fold.resume(time, counts);
  }

  #kept(text: string): BlockRef {
    const object = `block ${this.#blocks.size}`;
    this.#blocks.set(object, text);
    return { object, offset: 0, length: text.length, chars: text.length };
  }

  #read({ object }: BlockRef): readonly PageRecord[] {
    return decodeValue(this.#blocks.get(object) ?? "") as readonly PageRecord[];
  }
}
