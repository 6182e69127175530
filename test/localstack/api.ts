import { postFeed } from "../../local/feed/post-feed.ts";
import type { FeedResult } from "../../local/feed/tally.ts";

export type FailedItem = {
  readonly id: string | null;
  readonly payload: unknown;
  readonly stage: string;
  readonly operator: string;
  readonly codeVersion: string;
  readonly error: { readonly code: string; readonly message: string };
};

type Page<Row> = { readonly items: readonly Row[]; readonly cursor?: string };

/** A deployed API, asked as its users ask it. */
export class Api {
  readonly #address: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(address: string, key: string) {
    this.#address = address;
    this.#headers = { "x-api-key": key };
  }

  /** Posts events in their order, those of a lane one request after the other. */
  post<T>(stream: string, events: readonly T[], lane: (event: T) => number = () => 0): Promise<FeedResult> {
    return postFeed({ url: this.#address, headers: this.#headers, stream, events, lane, batchSize: 250 });
  }

  /** All rows of a view's key. */
  rows<Row>(view: string, key: string): Promise<Row[]> {
    return this.#all(`/v1/views/${view}`, { key });
  }

  /** All failed events of a pipeline. */
  failed(pipeline: string): Promise<FailedItem[]> {
    return this.#all("/v1/failed", { pipeline });
  }

  async #all<Row>(path: string, parameters: Readonly<Record<string, string>>): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ ...parameters, ...(cursor !== undefined && { cursor }) });
      const answer = await fetch(`${this.#address}${path}?${query}`, { headers: this.#headers });
      if (!answer.ok) throw new Error(`GET ${path}?${query}: ${answer.status} ${await answer.text()}`);
      const page = (await answer.json()) as Page<Row>;
      rows.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return rows;
  }
}
