import type { NexmarkEvent } from "./nexmark.ts";
import type { Random } from "./random.ts";

/** 2015-07-15T00:00:00Z, a multiple of ten seconds. */
export const BASE_TIME_MS = 1_436_918_400_000;

const FIRST_ID = 1000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
/** Of 50 events one is a person, three are auctions, the others bids. */
const PERSONS = 1;
const AUCTIONS = 3;
const TOTAL = 50;
const ACTIVE_PEOPLE = 1000;
const AUCTIONS_IN_FLIGHT = 100;
/** Some events name a person or an auction a little before it is created. */
const ID_LEAD = 10;
const HOT_AUCTION_RATIO = 2;
const HOT_SELLER_RATIO = 4;
const HOT_BIDDER_RATIO = 4;
const HOT_STRIDE = 100;

const STATES = ["AZ", "CA", "ID", "OR", "WA", "WY"];
const CITIES = [
  ...["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland"],
  ...["Bend", "Redmond", "Seattle", "Kent", "Cheyenne"],
];
const FIRST_NAMES = [
  ...["Peter", "Paul", "Luke", "John", "Saul", "Vicky"],
  ...["Kate", "Julie", "Sarah", "Deiter", "Walter"],
];
const LAST_NAMES = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"];
const HOT_CHANNELS = ["Google", "Facebook", "Baidu", "Apple"];

export type EventOptions = {
  readonly seed: number;
  /** Events per second of event time. */
  readonly rate: number;
};

/** Event `n` of a stream: a pure function of the seed, the rate and `n`; ids and hot keys are those of Beam's and Flink's Nexmark. */
export function eventAt(n: number, { seed, rate }: EventOptions, random: Random): NexmarkEvent {
  random.seed(seed, n);
  const dateTime = BASE_TIME_MS + Math.floor((n * 1000) / rate);
  const place = n % TOTAL;
  if (place < PERSONS) return { event_type: 0, person: person(n, dateTime, random) };
  if (place < PERSONS + AUCTIONS) return { event_type: 1, auction: auction(n, dateTime, rate, random) };
  return { event_type: 2, bid: bid(n, dateTime, random) };
}

const person = (n: number, dateTime: number, random: Random) => ({
  id: lastPerson(n) + FIRST_ID,
  name: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
  emailAddress: `${random.word(7)}@${random.word(5)}.com`,
  creditCard: Array.from({ length: 4 }, () => String(random.int(10_000)).padStart(4, "0")).join(" "),
  city: random.pick(CITIES),
  state: random.pick(STATES),
  dateTime,
  extra: random.letters(60),
});

function auction(n: number, dateTime: number, rate: number, random: Random) {
  const initialBid = random.price();
  const seller = random.int(HOT_SELLER_RATIO) > 0 ? hot(lastPerson(n)) : somePerson(n, random);
  const horizonMs = Math.max(Math.floor(((AUCTIONS_IN_FLIGHT * TOTAL) / AUCTIONS) * (1000 / rate)), 1);
  return {
    id: lastAuction(n) + FIRST_ID,
    itemName: random.word(20),
    description: random.word(100),
    initialBid,
    reserve: initialBid + random.price(),
    dateTime,
    expires: dateTime + 1 + random.int(horizonMs * 2),
    seller: seller + FIRST_ID,
    category: FIRST_CATEGORY + random.int(CATEGORIES),
    extra: random.letters(60),
  };
}

function bid(n: number, dateTime: number, random: Random) {
  const auction =
    random.int(HOT_AUCTION_RATIO) > 0 ? hot(Math.max(lastAuction(n), 0)) : someAuction(n, random);
  const bidder = random.int(HOT_BIDDER_RATIO) > 0 ? hot(lastPerson(n)) + 1 : somePerson(n, random);
  const price = random.price();
  const { channel, url } = random.int(2) > 0 ? hotChannel(random) : someChannel(random);
  return {
    auction: auction + FIRST_ID,
    bidder: bidder + FIRST_ID,
    price,
    channel,
    url,
    dateTime,
    extra: random.letters(20),
  };
}

function hotChannel(random: Random) {
  const i = random.int(HOT_CHANNELS.length);
  const channel = HOT_CHANNELS[i] as string;
  return { channel, url: `https://www.nexmark.com/${"qwer"[i]}abc/item.htm?query=1` };
}

function someChannel(random: Random) {
  const number = random.int(10_000);
  const url = `https://www.nexmark.com/${random.letters(5)}/item.htm?query=1&channel_id=${number}`;
  return { channel: `channel-${number}`, url };
}

const hot = (last: number): number => Math.floor(last / HOT_STRIDE) * HOT_STRIDE;

const lastPerson = (n: number): number => Math.floor(n / TOTAL) * PERSONS + Math.min(n % TOTAL, PERSONS - 1);

function lastAuction(n: number): number {
  const round = Math.floor(n / TOTAL);
  const place = n % TOTAL;
  if (place < PERSONS) return round * AUCTIONS - 1;
  return round * AUCTIONS + Math.min(place - PERSONS, AUCTIONS - 1);
}

/** An active person or, rarely, one who is not yet there. */
function somePerson(n: number, random: Random): number {
  const people = lastPerson(n) + 1;
  const active = Math.min(people, ACTIVE_PEOPLE);
  return people - active + random.int(active + ID_LEAD);
}

function someAuction(n: number, random: Random): number {
  const last = Math.max(lastAuction(n), 0);
  const oldest = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
  return oldest + random.int(last - oldest + 1 + ID_LEAD);
}
