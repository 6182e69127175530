// For `node --require`: every TCP server listens on 127.0.0.1, also in programs that have no option for it.
const { Server } = require("node:net");

const { listen } = Server.prototype;
Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "object" && first !== null && "port" in first)
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  if (typeof first === "number" || /^\d+$/.test(String(first)))
    return listen.call(
      this,
      Number(first),
      "127.0.0.1",
      ...(typeof rest[0] === "string" ? rest.slice(1) : rest),
    );
  return listen.call(this, first, ...rest);
};
