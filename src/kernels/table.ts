export const families = ["map"] as const;
export const staticBase: Record<string, number> = { map: 1024 };
