// `anchor migrate` calls this with a provider made from Anchor.toml.
//
// Nothing on-chain depends on it: anybody creates a market, by the instruction `create_market`. It checks
// that the cluster runs the program before anyone is sent there.

import * as anchor from "@anchor-lang/core";
import { readFileSync } from "fs";
import { join } from "path";

/** The address that the program declares, so that there is no second place to keep it. */
function declaredAddress(): anchor.web3.PublicKey {
  const source = readFileSync(join(__dirname, "../programs/zerosum/src/lib.rs"), "utf8");
  const found = source.match(/declare_id!\("(\w+)"\)/);
  if (!found) throw new Error("programs/zerosum/src/lib.rs declares no address");
  return new anchor.web3.PublicKey(found[1]);
}

module.exports = async function (provider: anchor.AnchorProvider): Promise<void> {
  anchor.setProvider(provider);
  const address = declaredAddress();
  const account = await provider.connection.getAccountInfo(address);
  if (!account?.executable) {
    throw new Error(`${address} is not deployed on ${provider.connection.rpcEndpoint}: run \`anchor program deploy\` first`);
  }
  console.log(`${address} is deployed on ${provider.connection.rpcEndpoint}`);
};
