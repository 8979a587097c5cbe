export declare const structs: Readonly<Record<string, import("../../../apimachinery/schema/schema").Struct>>;
