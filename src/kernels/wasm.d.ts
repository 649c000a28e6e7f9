// `import path from "./wasm/x.wasm" with { type: "file" }` gives where the file is, also inside an executable.
declare module "*.wasm" {
  const path: string;
  export default path;
}
