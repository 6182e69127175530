import type { Difference } from "../harness/case.ts";

const of = (oracle: string, rows: Readonly<Record<string, string>>): readonly Difference[] =>
  Object.entries(rows).map(([name, does]) => ({ case: name, oracle, does }));

const OTHER_WORDS = "refuses in other words";

export const differences: readonly Difference[] = [
  ...of("DynamoDB Local", {
    "what is no number is refused in AWS's words": OTHER_WORDS,
    "empty sets, and sets with duplicates, are refused in AWS's words": OTHER_WORDS,
    "values of another JSON type than the API's are refused before anything else":
      "takes numbers as texts, and fails inside with the others",
    "keys are refused in AWS's words": OTHER_WORDS,
    "an update returns nested attributes alone": "returns the whole attributes that they are in",
    "a key condition without the hash key is refused": "does not name the key",
    "segments are refused in AWS's words": OTHER_WORDS,
    "a value of another type is no key of an index, nor is an empty text": "takes another type by an update",
    "a value of another type is no key of an index, in AWS's words": "names no index and no types",
    "a condition that fails cancels all, and is the reason of its item":
      "ends the message of a check's reason with a dot",
    "an update of a transaction has an expression, a check a condition": "takes an update without one",
    "what is wrong with an item's key is its reason":
      "refuses the request for some, in other words, and gives the update's reason to the item before",
    "what an update finds wrong with its item is its reason": "refuses the request",
    "what is wrong with a key of a transaction of reads is its reason": "refuses without reasons",
    "a transaction of reads has up to 4 MB": "does not limit what is read",
    "a page without items costs the least that a read costs": "gives 0",
    "a read of an index costs nothing of the table": "counts a scan by the sizes of the table's items",
    "a delete of nothing in a batch costs one unit": "gives 2",
    "what a batch does not find costs the least that a read costs": "gives 0",
    "a transaction costs twice as much, and says for what": "gives four times as much",
    "a transaction shows what the table and its indexes cost, which are written once":
      "gives four times as much, for the index too",
    "a check and a delete in a transaction cost by the item that is there":
      "counts a check by another size, and the delete fourfold",
    "a repeated transaction costs two reads of each item":
      "gives four times as much at first, and 2 for the repetition",
    "a transaction of reads costs two units for each 4 KB begun of each item":
      "does not say of the table's part that it is of reads",
    "keys of tables are refused in AWS's words": OTHER_WORDS,
    "a table is provisioned, with throughput, unless it is on demand": "takes throughput on demand",
    "operations on a table that is not there find nothing, in AWS's words": OTHER_WORDS,
    "time to live is changed only to something else, and off before another attribute":
      "does not name the attribute",
    "parameters have values of their own": "takes any ReturnItemCollectionMetrics",
    "parameters are refused together, in AWS's words": "refuses one by one, in other words",
  }),
  ...of("dynoxide", {
    "operands may stand in parentheses": "refuses parentheses there",
    "operands of a type that an operator has no use for are refused": "compares them",
    "an attribute is not compared with itself": "compares it",
    "syntax errors show the token and what is near it": "tells what it expected",
    "functions that are not there, or are not used as they are made, are refused":
      "takes names in any case, and tells what it expected",
    "syntax and redundant parentheses are refused first, then words, then operands":
      "refuses in another order",
    "an element behind the end of a list is appended, whatever its index": "fills the gap with nulls",
    "REMOVE takes attributes, members and elements away, by the indexes that they had":
      "removes one element after the other, by new indexes",
    "REMOVE leads only through maps and lists that are there": "removes nothing",
    "ADD and DELETE lead only through maps that are there": "removes nothing, or refuses in other words",
    "values of a type that an operator has no use for are refused before the item is looked at": OTHER_WORDS,
    "attributes of a type that an operator has no use for are refused": OTHER_WORDS,
    "syntax errors of an update show the token and what is near it":
      "tells what it expected, and takes a third operand",
    "functions that an update has no use for are refused":
      "refuses in other words, and takes list_append in if_not_exists and redundant parentheses",
    "an update returns what is asked for: an item that was not there": "returns the key as the old item",
    "an update returns nested attributes alone": "returns whole lists",
    "a key condition is on the key, with = for the hash key":
      "finds nothing with a value of another type, and refuses the others in other words",
    "a key condition has no other operators than those for keys": OTHER_WORDS,
    "a starting key that the query could not have given is refused": "takes another partition's",
    "a starting key outside the range of the sort key is refused": "takes it",
    "a limit is at least 1, Select one of four, an index there": "finds a negative limit no number",
    "a page ends with the item that reaches 1 MB": "ends the page before that item",
    "a key of an index is not too long": "takes one of any length",
    "a projection asks an index for no attribute that it does not have": "takes it",
    "a query's filter asks an index for no attribute that it does not have": "finds it in no item",
    "a request of a batch is not both": "takes it",
    "a member of a transaction is one of four": "takes a member that is two",
    "what is wrong with a request is refused before any item is looked at": "makes it the reason of the item",
    "what is wrong with an item's key is its reason": "takes an update of the key",
    "what an update finds wrong with its item is its reason": "gives the reason in other words",
    "a transaction of reads answers in the order of its keys, with nothing for nothing":
      "gives the key with every projection",
    "a transaction of reads has 1 to 100 items, each of another": "makes an empty key a reason",
    "a transaction of reads has up to 4 MB": "does not limit what is read",
    "a read costs a unit for each 4 KB begun, and half of it where not consistent":
      "counts what is projected",
    "keys of tables are refused in AWS's words": "takes the same key twice for one without a definition",
    "a table is provisioned, with throughput, unless it is on demand":
      "takes a provisioned table without throughput",
    "time to live is changed only to something else, and off before another attribute":
      "takes the same again, and another attribute to turn off",
    "a placeholder's value is one of ten types": "does not say whose value it is",
    "placeholders stand for something": "does not say which expression it is",
    "an expression has up to 300 operators, an IN 100 operands": "takes more",
    "paths do not lead into keys": "takes them in conditions and projections",
  }),
];
