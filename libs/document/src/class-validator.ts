/**
 * The parts of class-validator that documents are made of, under their own names. Each comes from its own file: the main entry loads
 * 320 files, most of them for decorators that nobody uses here. See docs/adr/0019.
 */
export { ArrayMaxSize } from 'class-validator/cjs/decorator/array/ArrayMaxSize.js';
export { ArrayMinSize } from 'class-validator/cjs/decorator/array/ArrayMinSize.js';
export { ArrayUnique } from 'class-validator/cjs/decorator/array/ArrayUnique.js';
export { Allow } from 'class-validator/cjs/decorator/common/Allow.js';
export { IsDefined } from 'class-validator/cjs/decorator/common/IsDefined.js';
export { IsIn } from 'class-validator/cjs/decorator/common/IsIn.js';
export { ValidateBy } from 'class-validator/cjs/decorator/common/ValidateBy.js';
export { ValidateIf } from 'class-validator/cjs/decorator/common/ValidateIf.js';
export { ValidateNested } from 'class-validator/cjs/decorator/common/ValidateNested.js';
export { Max } from 'class-validator/cjs/decorator/number/Max.js';
export { Min } from 'class-validator/cjs/decorator/number/Min.js';
export { isEmail } from 'class-validator/cjs/decorator/string/IsEmail.js';
export { isRFC3339 } from 'class-validator/cjs/decorator/string/IsRFC3339.js';
export { isTimeZone } from 'class-validator/cjs/decorator/string/IsTimeZone.js';
export { IsUUID } from 'class-validator/cjs/decorator/string/IsUUID.js';
export { Matches } from 'class-validator/cjs/decorator/string/Matches.js';
export { MaxLength } from 'class-validator/cjs/decorator/string/MaxLength.js';
export { IsBoolean } from 'class-validator/cjs/decorator/typechecker/IsBoolean.js';
export { IsInt } from 'class-validator/cjs/decorator/typechecker/IsInt.js';
export { IsString } from 'class-validator/cjs/decorator/typechecker/IsString.js';
export { getMetadataStorage, type MetadataStorage } from 'class-validator/cjs/metadata/MetadataStorage.js';
export { ValidationTypes } from 'class-validator/cjs/validation/ValidationTypes.js';
