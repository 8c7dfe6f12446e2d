/**
 * Loaded before each server of the comparison: argon2id with its smallest cost in the place of the one that is asked for. What a
 * server spends around a password is to be seen, and not to drown in the milliseconds that every server is meant to spend on it.
 */
const argon2 = require('@node-rs/argon2');

const { hash, verify } = argon2;
const COST = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const PRICE = /\$m=\d+,t=\d+,p=\d+\$/;

argon2.hash = async (password, { memoryCost, timeCost, parallelism } = {}) => {
  const phc = await hash(password, COST);
  return phc.replace(PRICE, `$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
};
argon2.verify = (phc, password) => verify(phc.replace(PRICE, '$m=8,t=1,p=1$'), password);
