/** Single predicates: the main entry of class-validator loads 320 files, which a start of the server would wait for. */
declare module 'class-validator/cjs/decorator/string/IsEmail.js' {
  export { isEmail } from 'class-validator';
}
declare module 'class-validator/cjs/decorator/string/IsTimeZone.js' {
  export { isTimeZone } from 'class-validator';
}
