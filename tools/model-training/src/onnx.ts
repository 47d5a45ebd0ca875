/** Encodes the parts of an ONNX file that a small network needs. The numbers are field numbers of onnx.proto3. */

type Field = Buffer;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const number = (field: number, value: number): Field =>
  Buffer.concat([varint(field * 8), varint(value)]);

const bytes = (field: number, value: Buffer | string): Field => {
  const content = Buffer.from(value);
  return Buffer.concat([varint(field * 8 + 2), varint(content.byteLength), content]);
};

const message = (field: number, fields: readonly Field[]): Field =>
  bytes(field, Buffer.concat(fields));

const FLOAT = 1;
const INT_ATTRIBUTE = 2;
const INTS_ATTRIBUTE = 7;

/** A node of the graph. An attribute is a whole number or a list of them. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): Field {
  const encoded = Object.entries(attributes).map(([name, value]) =>
    message(5, [
      bytes(1, name),
      ...(typeof value === 'number'
        ? [number(3, value), number(20, INT_ATTRIBUTE)]
        : [...value.map((one) => number(8, one)), number(20, INTS_ATTRIBUTE)]),
    ]),
  );
  const names = inputs.map((input) => bytes(1, input));
  return message(1, [...names, bytes(2, output), bytes(4, operator), ...encoded]);
}

/** A constant tensor of 32-bit floats. */
export const initializer = (name: string, shape: readonly number[], values: Float32Array): Field =>
  message(5, [
    ...shape.map((size) => number(1, size)),
    number(2, FLOAT),
    bytes(8, name),
    bytes(9, Buffer.from(values.buffer)),
  ]);

/** An input (field 11) or output (field 12) of the graph for any number of images. */
const value = (field: 11 | 12, name: string, shape: readonly number[]): Field => {
  const sizes = shape.map((size) => message(1, [number(1, size)]));
  const type = [number(1, FLOAT), message(2, [message(1, [bytes(2, 'batch')]), ...sizes])];
  return message(field, [bytes(1, name), message(2, [message(1, type)])]);
};

/** A whole model file. Shapes are without the batch. */
export const model = (
  parts: readonly Field[],
  input: { name: string; shape: readonly number[] },
  output: { name: string; shape: readonly number[] },
): Buffer =>
  Buffer.concat([
    number(1, 8),
    message(8, [number(2, 13)]),
    message(7, [
      ...parts,
      bytes(2, 'graph'),
      value(11, input.name, input.shape),
      value(12, output.name, output.shape),
    ]),
  ]);
