import { launch } from './start/launch.js';

await launch('machine');
