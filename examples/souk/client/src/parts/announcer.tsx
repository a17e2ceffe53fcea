import { useAnnouncement } from "./announce.js";

/** A polite live region. It is always on the page: screen readers miss regions that come with their words. */
export function Announcer() {
  const message = useAnnouncement();
  return (
    <div className="announcer" role="status">
      {message && (
        <p className="toast" key={message.text}>
          {message.text}
        </p>
      )}
    </div>
  );
}
