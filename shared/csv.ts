/** The third public door: files in CSV. A pipeline that looks up in none does not carry the parser with it. */
export { type CsvOptions, csv } from "./pipeline/csv.ts";
