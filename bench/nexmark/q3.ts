import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { nexmark } from "./nexmark.ts";

const AUCTION = ["auction.id", "auction.seller", "auction.category"] as const;
const STATES: readonly string[] = ["OR", "ID", "CA"];

/** Who in three states sells what in category 10; seller and auction may come in either order, however far apart. */
export const q3: Pipeline = pipeline("q3", (p) => {
  const events = p
    .from(nexmark)
    .select("event_type", "person.id", "person.name", "person.city", "person.state", ...AUCTION);
  const sellers = events
    .filter((event) => event.event_type === 0)
    .map((event) => event.person)
    .filter(({ state }) => STATES.includes(state))
    .map(({ id, name, city, state }) => ({ id, name, city, state }))
    .keyBy("id");
  events
    .filter((event) => event.event_type === 1)
    .map((event) => event.auction)
    .filter(({ category }) => category === 10)
    .map(({ id, seller }) => ({ id, seller }))
    .keyBy("seller")
    .join(sellers, { id: "sold-by", ttl: "forever" })
    .map(({ left, right: { name, city, state } }) => ({ name, city, state, id: left.id }))
    .to(lake("q3"));
});
