/** An element's content: text, elements by name (a list repeats the element), or nothing. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: XmlContent | readonly XmlContent[] };

/** One XML document of an S3 answer. */
export const xmlDocument = (name: string, content: XmlContent): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, content, ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"')}`;

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

/**
 * The contents of all elements of a name in a document, in order: enough for the two small documents that S3 reads.
 * Comments, CDATA and elements nested in one of the same name are not understood.
 */
export const elementsNamed = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, inner]) => inner ?? "",
  );

/** The text of the first element of a name; undefined where there is none. */
export function textOf(xml: string, name: string): string | undefined {
  const inner = elementsNamed(xml, name)[0];
  return inner === undefined ? undefined : unescaped(inner);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const escaped = (text: string): string =>
  text.replace(/[<>&"\r]/g, (character) => `&#${character.charCodeAt(0)};`);

const unescaped = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ""] ?? whole;
    },
  );
