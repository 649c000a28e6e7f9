// What the node-q package sees of a q on a port: run by node, prints one JSON line. (Bun drops the "use strict" inside
// its functions, which node-q's handling of `arguments` depends on.)

const nodeq = require("node-q");

const port = Number(process.argv[2]);
nodeq.connect({ host: "127.0.0.1", port, user: "node", password: "q" }, async (failure, con) => {
  if (failure) throw failure;
  const k = (...args) =>
    new Promise((resolve, reject) => con.k(...args, (error, value) => (error ? reject(error) : resolve(value))));
  const seen = {};
  seen.sum = await k("2+3");
  seen.table = await k("t");
  seen.applied = await k("{x+y}", nodeq.short(3), nodeq.short(4));
  seen.dict = await k("`a`b!1 2");
  seen.date = (await k("2024.01.02")).getDate();
  seen.error = await k("1+`a").catch((error) => error.message);
  await new Promise((resolve, reject) => con.ks("y:99", (error) => (error ? reject(error) : resolve())));
  seen.async = await k("y");
  console.log(JSON.stringify(seen));
  con.close();
});
