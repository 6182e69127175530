import type { Difference } from "../harness/case.ts";

/** Cases of one stand-in, by what it does instead. */
const differencesOf = (oracle: string, rows: Readonly<Record<string, readonly string[]>>): Difference[] =>
  Object.entries(rows).flatMap(([does, cases]) => cases.map((name) => ({ case: name, oracle, does })));

const kinesalite = differencesOf("kinesalite", {
  "does not know modes": [
    "a new stream is in provisioned mode",
    "a stream on demand starts with 4 MB a second, which is four shards",
    "the shards of a stream on demand are not its caller's",
  ],
  "does not know UpdateStreamMode": [
    "a stream that goes on demand keeps its shards",
    "a stream changes its mode twice in 24 hours",
    "a change of mode names the stream's ARN and the mode",
  ],
  "does not know sizes above 1 MiB": [
    "a new stream takes records of 1 MiB",
    "a stream may take records of up to 10 MiB",
    "a stream may be created for larger records",
    "a stream's records are of 1 to 10 MiB at most",
  ],
  "does not know ARNs": [
    "a stream goes by its name, by its ARN or by both",
    "a call that names no stream is refused",
  ],
  "does not know UpdateShardCount": [
    "UpdateShardCount doubles the shards, all of the same size",
    "UpdateShardCount halves the shards, all of the same size",
    "UpdateShardCount makes shards of the same size of any count",
    "UpdateShardCount goes no higher than double and no lower than half",
    "UpdateShardCount counts the open shards",
    "UpdateShardCount scales uniformly, to at least one shard",
    "a stream is scaled ten times in 24 hours",
  ],
  "does not know consumers": [
    "a consumer is CREATING before it is ACTIVE",
    "a consumer goes by its ARN, or by its stream's ARN and its name",
    "a consumer that is not fully named is refused",
    "a consumer that is not there is neither described nor deregistered",
    "a consumer's name is taken within its stream",
    "a consumer has a name of letters, digits, dots, dashes and underscores",
    "a stream that is not there has no consumers",
    "a stream has 20 consumers, and counts them",
    "consumers are listed in pages",
    "a consumer that is deregistered is DELETING, and then gone",
    "a stream with consumers is deleted only with them",
  ],
  "lists all shards, whatever the filter": [
    "AT_LATEST lists the open shards, FROM_TRIM_HORIZON all that still hold records",
    "AT_TRIM_HORIZON lists the shards with which a young stream began",
    "AT_TIMESTAMP lists the shards that were open then",
    "FROM_TIMESTAMP lists the shards that were open then or later",
    "AFTER_SHARD_ID lists the shards behind a shard",
    "a filter is kept from page to page",
    "a filter has a type, and what the type needs",
  ],
  "gives all shards at once": [
    "shards are listed in pages, by a token that stands for the stream",
    "a token stands for nothing else",
    "DescribeStream gives shards in pages",
    "DescribeStream gives at most 100 shards",
  ],
  "ends with its process": ["a text that is no token is refused"],
  "takes any time of creation": ["a stream of another time of creation is not there"],
  "refuses a missing count with ValidationException": [
    "a stream in provisioned mode is created with a count of shards",
  ],
  "lists names only": ["a list of streams tells of each its state, its mode and its ARN"],
  "does not know DescribeLimits": ["an account's limits are told with what of them is used"],
  "takes 007 and 0x7, and refuses others with InvalidArgumentException": [
    "an explicit hash key is a decimal number without leading zeros",
  ],
  "counts the data without the key": [
    "a record whose data and key are together larger than 1 MiB is refused by a new stream",
  ],
  "refuses it with ValidationException, as AWS did when all streams took 1 MiB": [
    "a record whose data is larger than 1 MiB is refused by a new stream",
  ],
  "takes bodies of 7 MB": ["PutRecords takes a request of 6 MiB"],
  "has no limits of rates": [
    "a shard takes 1,000 records a second, and refuses others one by one",
    "a shard takes 1 MiB a second",
    "a shard is read five times a second",
    "a shard gives five iterators a second",
  ],
  "does not answer": ["AT_TIMESTAMP behind the newest record reads what comes then"],
  "refuses it with ValidationException": ["a page of more than 10,000 records is an invalid argument"],
  "is never behind": ["a reader that has records before it is behind"],
  "names no children": [
    "a closed shard is read to its end, which names its children",
    "a merged shard's end names the child with both parents",
  ],
  "keeps records for a week at most": [
    "records are kept longer, up to a year, and shorter again",
    "records are kept for 24 to 8,760 hours",
  ],
  "takes it": ["a retention is not increased or decreased to what it is"],
});

const kinesisLocal = differencesOf("kinesis-local", {
  "refuses it with InvalidArgumentException": [
    "a stream's name has letters, digits, dots, dashes and underscores, 128 at most",
    "a page of streams has 1 to 10,000",
    "a partition key has 1 to 256 characters",
    "a stream's records are of 1 to 10 MiB at most",
    "PutRecords is refused whole where one record is wrong, and nothing is kept",
    "a sequence number is a decimal number",
    "a page has at least one record",
    "DescribeStream gives pages of 1 to 10,000",
    "a consumer has a name of letters, digits, dots, dashes and underscores",
    "a stream has 20 consumers, and counts them",
  ],
  "refuses it with SerializationException": [
    "a stream's mode is one of two",
    "a record has data and a partition key",
    "a list of records that is none is refused",
    "an iterator's type is one of five",
    "a read has an iterator",
    "a change of mode names the stream's ARN and the mode",
    "a filter has a type, and what the type needs",
  ],
  "answers with status 500": [
    "an ARN that is none of a stream is refused",
    "data that is no base64 is the caller's fault",
    "a sequence number for ordering is a decimal number",
    "a text that is no iterator is refused",
    "a split starts at a decimal number",
  ],
  "answers some with status 500, others with InvalidArgumentException": [
    "an explicit hash key is a decimal number without leading zeros",
  ],
  "answers a page of 0 with status 500, and takes more than 10,000": ["a page of shards has 1 to 10,000"],
  "does not tell the size": ["a new stream takes records of 1 MiB"],
  "refuses them with ResourceInUseException": ["a stream that is being created takes no records"],
  "creates four shards where no count is given": [
    "a stream in provisioned mode is created with a count of shards",
  ],
  "lists names only": ["a list of streams tells of each its state, its mode and its ARN"],
  "refuses it with AccessDeniedException": ["an operation that is none is an UnknownOperationException"],
  "cuts ranges of one hash key less": [
    "an explicit hash key finds its shard instead of the partition key",
    "a merge closes two shards and opens one with the hash keys of both",
  ],
  "counts the data without the key": [
    "a record whose data and key are together larger than 1 MiB is refused by a new stream",
  ],
  "answers with a body": ["a stream may take records of up to 10 MiB"],
  "takes any number of records": ["PutRecords takes 1 to 500 records"],
  "has no limits of rates": [
    "a shard takes 1,000 records a second, and refuses others one by one",
    "a shard takes 1 MiB a second",
    "a shard is read five times a second",
    "a shard gives five iterators a second",
    "a stream is scaled ten times in 24 hours",
    "a stream changes its mode twice in 24 hours",
  ],
  "gives an iterator": [
    "a sequence number is for the types that start at one",
    "a sequence number of another shard starts no iterator",
  ],
  "splits at 0 into a shard without hash keys and the rest": ["a shard is split inside its hash keys"],
  "ends it below its last record": ["a closed shard's numbers end above its last record's"],
  "splits and merges shards until there are as many, of any size": [
    "UpdateShardCount halves the shards, all of the same size",
    "UpdateShardCount makes shards of the same size of any count",
  ],
  "halves five to two": ["UpdateShardCount goes no higher than double and no lower than half"],
  "scales to none": ["UpdateShardCount scales uniformly, to at least one shard"],
  "lets the caller split, merge and scale": ["the shards of a stream on demand are not its caller's"],
  "takes it": ["a retention is not increased or decreased to what it is"],
  "forgets the filter after a page": ["a filter is kept from page to page"],
  "takes any time of creation": ["a stream of another time of creation is not there"],
  "lists all shards": ["AT_TRIM_HORIZON lists the shards with which a young stream began"],
  "begins again with the second page": ["consumers are listed in pages"],
});

export const differences: readonly Difference[] = [...kinesalite, ...kinesisLocal];
