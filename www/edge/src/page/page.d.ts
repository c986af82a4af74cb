/** To the Worker the script is a text. */
declare const text: string;
export default text;
