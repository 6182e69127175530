import { expect, test } from "vitest";
import { cidrBlocks } from "../../../local/template/cidr.ts";

test.each([
  // the examples of https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
  ["192.168.0.0/24", 6, 5, ["192.168.0.0/27", "192.168.0.32/27", "192.168.0.64/27"]],
  ["10.1.2.3/16", 2, 8, ["10.1.0.0/24", "10.1.1.0/24"]],
  ["10.0.255.0/24", 1, 8, ["10.0.255.0/24"]],
  ["2001:db8::/56", 2, 64, ["2001:db8::/64", "2001:db8:0:1::/64"]],
  ["2001:db8:0:ff00::/56", 256, 64, ["2001:db8:0:ff00::/64", "2001:db8:0:ff01::/64"]],
] as const)("%s is cut into %d blocks of %d bits", (range, count, bits, first) => {
  const blocks = cidrBlocks(range, count, bits);
  expect(blocks).toHaveLength(count);
  expect(blocks?.slice(0, first.length)).toEqual(first);
});

test.each([
  ["more blocks than fit", "10.0.0.0/24", 9, 5],
  ["blocks larger than the range", "10.0.0.0/24", 1, 9],
  ["more than 256", "10.0.0.0/8", 257, 8],
  ["no address", "10.0.0/24", 1, 8],
  ["a part beyond 255", "10.0.0.256/24", 1, 8],
  ["no prefix", "10.0.0.0", 1, 8],
  ["a prefix beyond 32", "10.0.0.0/33", 1, 1],
  ["two gaps in an address", "2001::db8::/56", 1, 64],
  ["too few groups", "2001:db8/56", 1, 64],
])("%s is refused", (_, range, count, bits) => {
  expect(cidrBlocks(range, count, bits)).toBeUndefined();
});
