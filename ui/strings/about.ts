export const aboutTitle = "How the switch works";
export const about = [
  {
    term: "It takes effect at once",
    text: "Agents using the SDK follow within one second at its default settings; existing readers of the Redis key follow immediately.",
  },
  { term: "No restart needed", text: "Nothing is redeployed. Requests in flight finish as they began." },
  { term: "Existing traces are kept", text: "Switching off stops new traces. It deletes nothing." },
  {
    term: "If the control plane is away",
    text: "Agents keep the last known policy: off stays off. A process that never reached it traces by default.",
  },
];
