import { ServiceError } from "../models/service-error.ts";

/** An element's content: text, elements by name (a list repeats the element), or nothing. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: XmlContent | readonly XmlContent[] };

/** One XML document of an S3 answer. Errors are in no namespace, everything else is in S3's. */
export const xmlDocument = (name: string, content: XmlContent, isError = false): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, content, isError ? "" : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"')}`;

function element(name: string, content: XmlContent | readonly XmlContent[], attributes = ""): string {
  if (content === undefined) return "";
  if (Array.isArray(content)) return content.map((one) => element(name, one)).join("");
  const inner =
    typeof content === "object"
      ? Object.entries(content)
          .map(([child, value]) => element(child, value))
          .join("")
      : escaped(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

/** Control characters too: a key may have them, and a reader that knows XML 1.1 can read them. */
const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be escaped
  text.replace(/[<>&"\u0000-\u0008\u000b-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`);

/** An element of a document that was received. */
export type XmlElement = {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
};

/** What is next in a document: something to skip, CDATA, a tag, or text. */
const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[(?<data>[\s\S]*?)\]\]>|<(?<close>\/)?(?<name>[\w:.-]+)(?:\s[^<>]*?)?(?<empty>\/)?>|(?<text>[^<]+)/y;

/**
 * Reads a document without a DTD; namespaces and attributes are dropped.
 * Throws MalformedXML where it is none.
 */
export function parseXml(xml: string): XmlElement {
  type Open = { readonly name: string; readonly children: XmlElement[]; text: string };
  const root: Open = { name: "", children: [], text: "" };
  const open: Open[] = [root];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < xml.length) {
    const { data, close, name, empty, text } = token.exec(xml)?.groups ?? {};
    if (token.lastIndex === 0) throw malformed();
    const parent = open.at(-1) ?? root;
    if (data !== undefined) parent.text += data;
    if (text !== undefined) parent.text += unescaped(text);
    if (name === undefined) continue;
    const local = name.slice(name.indexOf(":") + 1);
    if (close !== undefined) {
      if (parent.name !== local || parent === root) throw malformed();
      open.pop();
      continue;
    }
    const child: Open = { name: local, children: [], text: "" };
    parent.children.push(child);
    if (empty === undefined) open.push(child);
  }
  const [top] = root.children;
  if (open.length > 1 || top === undefined || root.children.length > 1 || root.text.trim() !== "")
    throw malformed();
  return top;
}

/** The children of a name, in order. */
export const childrenOf = (parent: XmlElement | undefined, name: string): readonly XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? [];

/** The first child of a name. */
export const childOf = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
  parent?.children.find((child) => child.name === name);

export const malformed = (): ServiceError =>
  new ServiceError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ""] ?? whole;
    },
  );
