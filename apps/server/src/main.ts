import { SystemClock } from '#kernel/clock.js';
console.log(new SystemClock().now());
