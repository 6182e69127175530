import { lake, type Pipeline, pipeline, seconds, tumbling } from "../../shared/index.ts";
import { auctions, persons } from "./nexmark.ts";

const SIZE = seconds(10);

/** Persons who opened an auction in the same 10 s in which they registered. */
export const q8: Pipeline = pipeline("q8", (p) => {
  const sellers = auctions(p)
    .map(({ seller }) => ({ seller }))
    .keyBy("seller");
  persons(p)
    .map(({ id, name, dateTime }) => ({ id, name, window_start: dateTime - (dateTime % SIZE) }))
    .keyBy("id")
    .join(sellers, { id: "new-sellers", window: tumbling(SIZE), type: "semi" })
    .to(lake("q8"));
});
