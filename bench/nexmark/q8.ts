import { lake, type Pipeline, pipeline, seconds, tumbling } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

const SIZE = seconds(10);

/** Persons who opened an auction in the same 10 s in which they registered. */
export const q8: Pipeline = pipeline("q8", (p) => {
  const events = p
    .from(nexmark)
    .select("event_type", "person.id", "person.name", "person.dateTime", "auction.seller");
  const sellers = events
    .filter((event) => event.event_type === 1)
    .map((event) => event.auction)
    .map(({ seller }) => ({ seller }))
    .keyBy("seller");
  events
    .filter((event) => event.event_type === 0)
    .map((event) => event.person)
    .map(({ id, name, dateTime }) => ({ id, name, window_start: dateTime - (dateTime % SIZE) }))
    .keyBy("id")
    .join(sellers, { id: "new-sellers", window: tumbling(SIZE), type: "semi" })
    .to(lake("q8"));
});
