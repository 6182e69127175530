import { lake, type Pipeline, pipeline } from "../../shared/index.ts";
import { auctions, persons } from "./nexmark.ts";

const STATES: readonly string[] = ["OR", "ID", "CA"];

/** Who in three states sells what in category 10; seller and auction may come in either order, however far apart. */
export const q3: Pipeline = pipeline("q3", (p) => {
  const sellers = persons(p)
    .filter(({ state }) => STATES.includes(state))
    .map(({ id, name, city, state }) => ({ id, name, city, state }))
    .keyBy("id");
  auctions(p)
    .filter(({ category }) => category === 10)
    .map(({ id, seller }) => ({ id, seller }))
    .keyBy("seller")
    .join(sellers, { id: "sold-by", ttl: "forever" })
    .map(({ left, right: { name, city, state } }) => ({ name, city, state, id: left.id }))
    .to(lake("q3"));
});
