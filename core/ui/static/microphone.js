/* The microphone of the box: why it does not record, in a sentence under the box. Streamlit says it in English, and only
   while the mouse is over the button. */

const BOX = "[data-testid=stChatInput]";
const WHY = { NotAllowedError: "microphone_denied", NotFoundError: "microphone_missing" };

class Microphone {
  constructor() {
    const devices = navigator.mediaDevices; // none over plain http from another computer
    if (!devices?.getUserMedia) return;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wish) => {
      this.notice?.remove();
      try {
        return await open(wish);
      } catch (error) {
        this.refused(error.name);
        throw error;
      }
    };
  }

  turn(page) {
    this.labels = page.labels;
    if (page.name !== this.name) this.notice?.remove();
    this.name = page.name;
  }

  refused(name) {
    const text = this.labels[WHY[name] ?? "microphone_failed"];
    this.notice = make("p", { className: "roundtable-microphone", role: "alert", textContent: text });
    document.querySelector(`${BOX}:has([data-testid=stChatInputMicButton])`)?.after(this.notice);
  }
}
