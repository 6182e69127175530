import type { Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import type { Application } from "../../shared/index.ts";
import type { Row } from "./rows.ts";

/** Requests of a few events each for every stream: out of order, far behind, sent twice. */
export function requestsFor({ streams }: Application, random: Random): Request[] {
  const requests: Request[] = [];
  const sent: Row[] = [];
  let now = 1_704_067_200_000;
  for (let left = 8 + random.below(10); left > 0; left -= 1) {
    const stream = random.pick(streams);
    const events = Array.from({ length: 1 + random.below(4) }, (): Row => {
      const again = random.chance(0.1) ? random.pick(sent) : undefined;
      if (again !== undefined) return again;
      now += random.below(12);
      const row = {
        id: `e${sent.length}`,
        k: `k${random.below(4)}`,
        g: random.below(3),
        t: now - (random.chance(0.4) ? random.below(60) : 0),
        n: random.below(8),
      };
      sent.push(row);
      return row;
    });
    if (stream !== undefined) requests.push({ stream: stream.id, events });
  }
  return requests;
}
