import { nearestName } from './config-rules.js';
import { type FixedSettingName, type SettingName, SETTINGS } from './settings.js';

const PREFIX = 'GATEHOUSE_';
const OURS = Object.keys(SETTINGS).filter((name) => name.startsWith(PREFIX));

/** The environment, and what was found wrong in it so far. */
export class Variables {
  readonly problems: string[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** An empty variable counts as unset. */
  text(name: SettingName): string | undefined {
    return this.#text(name);
  }

  value(name: FixedSettingName): string {
    return this.#text(name) ?? SETTINGS[name].value;
  }

  choice<T extends string>(name: SettingName, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    const chosen = allowed.find((one) => one === value);
    if (value !== undefined && chosen === undefined) this.refuse(name, `must be one of ${allowed.join(', ')}`);
    return chosen;
  }

  /** 0 where it is none: what is refused is not used. */
  port(name: SettingName): number | undefined {
    const value = this.text(name);
    if (value === undefined || (/^\d{1,5}$/.test(value) && Number(value) <= 65_535)) return value === undefined ? value : Number(value);
    this.refuse(name, 'must be a whole number from 0 to 65535');
    return 0;
  }

  refuse(name: string, sentence: string): void {
    this.problems.push(`${name} ${sentence}.`);
  }

  /** A typing error in a setting must not switch it off without a word. */
  refuseUnknown(): void {
    for (const name of Object.keys(this.env)) {
      if (!name.startsWith(PREFIX) || name in SETTINGS || this.#text(name) === undefined) continue;
      this.refuse(name, `is no setting of Gatehouse; the nearest is ${nearestName(name, OURS)}`);
    }
  }

  #text(name: string): string | undefined {
    const value = this.env[name];
    return value === '' ? undefined : value;
  }
}
