import { blankPage, type Page } from "./page.ts";
import { comparePlaces, type Place, PlaceSet } from "./place.ts";

/** The pages of one operator: together they hold every place there can be. */
export class Pages {
  readonly #operator: string;
  #list: readonly Page[];
  #complete = true;
  /** Places that changed since the pages were last written. */
  readonly dirty: PlaceSet = new PlaceSet();

  constructor(operator: string) {
    this.#operator = operator;
    this.#list = [blankPage(operator)];
  }

  get list(): readonly Page[] {
    return this.#list;
  }

  /** Whether all of them are in memory: then nobody needs to ask for one. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Takes the pages that a snapshot has; whatever was dirty stays so. */
  replace(list: readonly Page[]): void {
    this.#list = list.length === 0 ? [blankPage(this.#operator)] : list;
    this.settle();
  }

  /** To be called where pages were read or forgotten. */
  settle(): void {
    this.#complete = this.#list.every(({ resident }) => resident);
  }

  /** The page that holds a place. */
  find(place: Place): Page {
    let low = 0;
    let high = this.#list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.#list[middle]?.first;
      if (first !== undefined && comparePlaces(first, place) > 0) high = middle - 1;
      else low = middle;
    }
    return this.#list[low] as Page;
  }
}
