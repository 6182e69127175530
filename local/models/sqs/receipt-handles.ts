import { hash } from "node:crypto";
import { ServiceError } from "../service-error.ts";

/** The receipt handles of one queue: texts that say which receive of which message they stand for. */
export class ReceiptHandles {
  readonly #queue: string;

  /** @param queue - tells it from every other queue, also from one of the same name before it */
  constructor(queue: string) {
    this.#queue = hash("md5", queue, "hex");
  }

  make(id: string, receives: number): string {
    return Buffer.from(`${this.#queue} ${id} ${receives}`).toString("base64");
  }

  /** Throws ReceiptHandleIsInvalid for a text that this queue did not make. */
  read(handle: string): { readonly id: string; readonly receives: number } {
    const [queue, id, receives] = Buffer.from(handle, "base64").toString().split(" ");
    if (queue !== this.#queue || id === undefined || receives === undefined)
      throw new ServiceError(
        "ReceiptHandleIsInvalid",
        `The input receipt handle "${handle}" is not a valid receipt handle.`,
        404,
      );
    return { id, receives: Number(receives) };
  }
}
