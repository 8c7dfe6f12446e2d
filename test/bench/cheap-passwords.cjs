/**
 * Loaded before each server of the comparison: argon2id runs with its smallest cost instead of the requested one. Otherwise the
 * milliseconds that every server spends on a password would hide the differences of the rest.
 */
const argon2 = require('@node-rs/argon2');

const { hash, verify } = argon2;
const COST = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const COST_PARAMETERS = /\$m=\d+,t=\d+,p=\d+\$/;

argon2.hash = async (password, { memoryCost, timeCost, parallelism } = {}) => {
  const phc = await hash(password, COST);
  return phc.replace(COST_PARAMETERS, `$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
};
argon2.verify = (phc, password) => verify(phc.replace(COST_PARAMETERS, '$m=8,t=1,p=1$'), password);
