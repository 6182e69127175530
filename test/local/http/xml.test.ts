import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { childOf, childrenOf, parseXml, xmlDocument } from "../../../local/http/xml.ts";

test("elements are read by name, whatever stands between them", () => {
  const document = parseXml(
    `<?xml version="1.0"?>
    <!-- <Object>not this</Object> -->
    <s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/">
      <Object attribute="a/b"><Key>a&amp;b&#x20;&#252;</Key><Empty/></Object>
      <Object><Key><![CDATA[<c>]]></Key></Object>
      <Quiet>true</Quiet>
    </s3:Delete>`,
  );
  expect(document.name).toBe("Delete");
  expect(childrenOf(document, "Object").map((object) => childOf(object, "Key")?.text)).toEqual([
    "a&b ü",
    "<c>",
  ]);
  expect(childOf(document, "Quiet")?.text).toBe("true");
});

test.each([
  "",
  "text",
  "<a>",
  "<a></b>",
  "<a/><b/>",
  "</a>",
  "<a><b></a></b>",
  "<a/>text",
  "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
])("%j is no document", (xml) => {
  expect(() => parseXml(xml)).toThrow(expect.objectContaining({ code: "MalformedXML" }));
});

property.prop([fc.string({ unit: "binary", maxLength: 20 })])(
  "any text comes back as it was written",
  (text) => {
    expect(childOf(parseXml(xmlDocument("a", { b: text })), "b")?.text ?? "").toBe(text);
  },
);
