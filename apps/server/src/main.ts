import { launch } from './launch.js';

await launch('machine');
