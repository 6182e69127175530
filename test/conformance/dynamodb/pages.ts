const GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/";
const REFERENCE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/";

/** A page of the Amazon DynamoDB Developer Guide, with a section or without. */
export const guide = (page: string): string => GUIDE + page;

/** The page of an operation in the API reference. */
export const api = (operation: string): string => `${REFERENCE}API_${operation}.html`;

export const CONSTRAINTS: string = guide("Constraints.html");
export const DATA_TYPES: string = guide("HowItWorks.NamingRulesDataTypes.html");
export const OPERATORS: string = guide("Expressions.OperatorsAndFunctions.html");
export const UPDATES: string = guide("Expressions.UpdateExpressions.html");
export const CONSUMPTION: string = guide("read-write-operations.html");
export const TRANSACTIONS: string = guide("transaction-apis.html");
