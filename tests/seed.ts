// Properties are tried on the same values each time, so that a test run says something about the change it runs for.
// PERQ_SEED=random (or a number) looks further.

import fc from "fast-check";

const wanted = process.env["PERQ_SEED"] ?? "20241124";
fc.configureGlobal(wanted === "random" ? {} : { seed: Number(wanted) });
