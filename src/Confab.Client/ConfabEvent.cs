using Confab.Protocol;

namespace Confab.Client;

/// <summary>Something that happened, in the order in which it did.</summary>
public abstract record ConfabEvent;

/// <summary>
/// A frame of the server about a room that was joined: <see cref="JoinedFrame"/> with each snapshot, the log
/// (<see cref="MessageFrame"/>, <see cref="EditedFrame"/>, <see cref="DeletedFrame"/>, <see cref="ReactedFrame"/>,
/// <see cref="RoomChangedFrame"/>: each number at most once and in order), presence, typing and how far one has read elsewhere. Or an <see cref="ErrorFrame"/> that belongs
/// to no request, or a frame of a later version.
/// </summary>
/// <param name="Frame">The frame.</param>
public sealed record FrameReceived(ServerFrame Frame) : ConfabEvent;

/// <summary>The server could not continue from this client's position. What you know of the room is void: start again from the snapshot.</summary>
/// <param name="Reset">Which room, and why.</param>
/// <param name="Snapshot">The room as it is now, with as much history as was asked for on joining.</param>
public sealed record RoomReset(ResetFrame Reset, JoinedFrame Snapshot) : ConfabEvent;

/// <summary>The room could not be joined again after a lost connection, and is no longer followed.</summary>
/// <param name="Room">The room.</param>
/// <param name="Code">Why.</param>
/// <param name="Message">The same in a sentence.</param>
public sealed record RoomLost(string Room, RefusalCode Code, string Message) : ConfabEvent;

/// <summary>The connection was lost; the client reconnects by itself. Left out while the events are not read.</summary>
/// <param name="CloseCode">The server's close code; null when the connection just broke.</param>
/// <param name="Reason">The reason from the server or the network.</param>
/// <param name="RetryIn">When the first attempt to reconnect is made.</param>
public sealed record ConnectionLost(int? CloseCode, string Reason, TimeSpan RetryIn) : ConfabEvent;

/// <summary>The connection is back; the rooms follow, each with its snapshot. Left out while the events are not read.</summary>
/// <param name="Hello">What the server said first.</param>
public sealed record ConnectionRestored(HelloFrame Hello) : ConfabEvent;
