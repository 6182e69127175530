import type { Journal } from "../../state/journal.ts";
import type { EpochMs } from "../../time/time.ts";
import { type BlockShape, WindowBlock } from "./window-block.ts";

/** One window: its block and its place there. */
export type At = { readonly block: WindowBlock; readonly i: number };

/** The blocks of an operator. There is one as long as one of its windows is open. */
export class WindowBlocks {
  readonly #shape: BlockShape;
  readonly #journal: Journal;
  readonly #blocks = new Map<number, WindowBlock>();
  /** The two that were asked for last: neighbours, for most events. */
  readonly #recent: (WindowBlock | undefined)[] = [undefined, undefined];

  constructor(shape: BlockShape, journal: Journal) {
    this.#shape = shape;
    this.#journal = journal;
  }

  /** Windows of keys in all open windows. */
  get size(): number {
    let size = 0;
    for (const block of this.#blocks.values()) size += block.size;
    return size;
  }

  /** All of them, the oldest first. */
  get ordered(): readonly WindowBlock[] {
    return [...this.#blocks.values()].sort((a, b) => a.index - b.index);
  }

  /** The block of a window, by the window's number; a new one where there is none. */
  of(n: number): WindowBlock {
    const index = Math.floor(n / this.#shape.places);
    const slot = index & 1;
    const recent = this.#recent[slot];
    if (recent?.index === index) return recent;
    const block = this.#blocks.get(index) ?? this.#begun(index);
    this.#recent[slot] = block;
    return block;
  }

  #begun(index: number): WindowBlock {
    const block = new WindowBlock(index, this.#shape);
    this.#blocks.set(index, block);
    this.#journal.note(() => this.#forget(block));
    return block;
  }

  #forget({ index }: WindowBlock): void {
    this.#blocks.delete(index);
    this.#recent.fill(undefined);
  }

  /** The window that starts then, where it is open. */
  openAt(start: number): At | undefined {
    const n = start / this.#shape.slide;
    if (!Number.isInteger(n)) return undefined;
    const block = this.#blocks.get(Math.floor(n / this.#shape.places));
    if (block === undefined) return undefined;
    const i = n - block.first;
    return block.isOpen(i) ? { block, i } : undefined;
  }

  /** Opens a window of a block. */
  open(block: WindowBlock, i: number): void {
    block.setOpen(i, true);
    this.#journal.note(() => block.setOpen(i, false));
  }

  /** Closes an open window. What is in it stays for now, so that this can be taken back. */
  close({ block, i }: At): void {
    this.end({ block, i });
    this.#journal.note(() => {
      block.setOpen(i, true);
      this.#blocks.set(block.index, block);
      this.#recent.fill(undefined);
    });
  }

  /** Closes an open window, by the log. */
  end({ block, i }: At): void {
    block.setOpen(i, false);
    if (block.isOver) this.#forget(block);
  }

  /** The window that starts then, open by the log. */
  present(start: EpochMs): At {
    const n = start / this.#shape.slide;
    const index = Math.floor(n / this.#shape.places);
    const block = this.#blocks.get(index) ?? new WindowBlock(index, this.#shape);
    this.#blocks.set(index, block);
    const i = n - block.first;
    block.setOpen(i, true);
    return { block, i };
  }
}
