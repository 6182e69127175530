import { eachBid, RowFile } from "./file.ts";

const GAP = 10_000;

type Session = { first: number; last: number; num: number };

/** Bids per bidder and session. */
export function q11(input: string, output: string): number {
  const bidders = new Map<number, Session[]>();
  const events = eachBid(input, ({ bidder, dateTime }) => {
    const sessions = bidders.get(bidder);
    const newest = sessions?.at(-1);
    if (sessions === undefined) bidders.set(bidder, [{ first: dateTime, last: dateTime, num: 1 }]);
    else if (newest !== undefined && dateTime >= newest.first && dateTime <= newest.last + GAP) {
      newest.last = Math.max(newest.last, dateTime);
      newest.num += 1;
    } else bidders.set(bidder, join(sessions, dateTime));
  });
  const rows = new RowFile(output);
  for (const [bidder, sessions] of bidders)
    for (const { first, last, num } of sessions)
      rows.write({ bidder, num, session_start: first, session_end: last + GAP });
  rows.close();
  return events;
}

/** A bid that opens a session, or that came so late that it may join two. */
function join(sessions: readonly Session[], at: number): Session[] {
  const joined: Session = { first: at, last: at, num: 1 };
  const others = sessions.filter((session) => {
    if (session.first > at + GAP || session.last + GAP < at) return true;
    joined.first = Math.min(joined.first, session.first);
    joined.last = Math.max(joined.last, session.last);
    joined.num += session.num;
    return false;
  });
  return [...others, joined].sort((a, b) => a.first - b.first);
}
