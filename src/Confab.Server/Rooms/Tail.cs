using System.Buffers;

namespace Confab.Server.Rooms;

/// <summary>Bytes that all tails may take together. A tail that gets no more keeps what it has and forgets its oldest frames sooner.</summary>
public sealed class TailBudget(long bytes)
{
    private long _left = bytes;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
            return true;
        Interlocked.Add(ref _left, bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _left, bytes);
}

/// <summary>
/// The newest frames of a room, encoded once, for everybody to copy from: a ring of bytes, and a ring of where each number begins.
/// It is a cache of the log: what it has forgotten is read from the database. One thread appends, any number copies.
/// </summary>
public sealed class Tail(int maxBytes, TailBudget budget)
{
    private const int FirstBytes = 4096;
    private const int FirstFrames = 32;

    private readonly Lock _gate = new();
    private byte[] _bytes = [];
    private long[] _starts = [];
    private long _written;
    private long _first = 1;
    private long _head;

    /// <summary>The bytes it occupies.</summary>
    public long Size => _bytes.Length + (_starts.Length * sizeof(long));

    /// <summary>Adds the frame of a number. One that does not continue the tail starts it anew.</summary>
    public void Append(long seq, ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (seq != _head + 1)
                _first = seq;
            MakeRoom(seq, frame.Length);
            _head = seq;
            if (frame.Length > _bytes.Length)
            {
                _first = seq + 1; // too large to keep: it is read from the database
                return;
            }

            _starts[(int)(seq & (_starts.Length - 1))] = _written;
            var at = (int)(_written & (_bytes.Length - 1));
            var whole = Math.Min(frame.Length, _bytes.Length - at);
            frame[..whole].CopyTo(_bytes.AsSpan(at));
            frame[whole..].CopyTo(_bytes);
            _written += frame.Length;
        }
    }

    /// <summary>
    /// Copies whole frames after one number and up to another, at most so many bytes (but at least one frame).
    /// False when the tail does not have the first of them: it was forgotten, or never kept.
    /// </summary>
    public bool TryCopy(long after, long upTo, int maxLength, ArrayBufferWriter<byte> to, out long copiedTo)
    {
        lock (_gate)
        {
            copiedTo = after;
            upTo = Math.Min(upTo, _head);
            if (after + 1 < _first || after >= upTo)
                return false;

            var start = StartOf(after + 1);
            copiedTo = upTo;
            if (EndOf(upTo) - start > maxLength)
                copiedTo = LastWithin(after + 1, upTo, start + maxLength);
            var length = (int)(EndOf(copiedTo) - start);
            var at = (int)(start & (_bytes.Length - 1));
            var whole = Math.Min(length, _bytes.Length - at);
            to.Write(_bytes.AsSpan(at, whole));
            to.Write(_bytes.AsSpan(0, length - whole));
            return true;
        }
    }

    /// <summary>Forgets everything and gives the memory back, while nobody listens.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            budget.GiveBack(Size);
            _bytes = [];
            _starts = [];
            _written = 0;
            _first = _head + 1;
        }
    }

    private long StartOf(long seq) => _starts[(int)(seq & (_starts.Length - 1))];

    private long EndOf(long seq) => seq == _head ? _written : StartOf(seq + 1);

    // The last number whose frame ends at or before a place; the first one when even that is longer.
    private long LastWithin(long first, long last, long end)
    {
        var low = first;
        while (low < last)
        {
            var middle = low + ((last - low + 1) / 2);
            if (EndOf(middle) <= end)
                low = middle;
            else
                last = middle - 1;
        }

        return low;
    }

    private void MakeRoom(long seq, int length)
    {
        while ((_bytes.Length < maxBytes && _written + length - Oldest(seq) > _bytes.Length) || (_starts.Length < maxBytes / 64 && seq - _first >= _starts.Length))
        {
            if (!Grow(seq))
                break;
        }

        if (length > _bytes.Length)
            return;
        while (_first < seq && (_written + length - StartOf(_first) > _bytes.Length || seq - _first >= _starts.Length))
            _first++;
    }

    private long Oldest(long seq) => _first < seq ? StartOf(_first) : _written;

    private bool Grow(long seq)
    {
        var moreBytes = _bytes.Length == 0 || (_bytes.Length < maxBytes && seq - _first < _starts.Length);
        var moreFrames = _starts.Length == 0 || seq - _first >= _starts.Length;
        var bytes = moreBytes ? Math.Max(FirstBytes, _bytes.Length * 2) : _bytes.Length;
        var frames = moreFrames ? Math.Max(FirstFrames, _starts.Length * 2) : _starts.Length;
        if (!budget.TryTake(bytes - _bytes.Length + ((frames - _starts.Length) * sizeof(long))))
            return false;

        var oldBytes = _bytes;
        var oldStarts = _starts;
        _bytes = bytes == oldBytes.Length ? oldBytes : new byte[bytes];
        _starts = frames == oldStarts.Length ? oldStarts : new long[frames];
        for (var s = _first; s < seq; s++)
            _starts[(int)(s & (frames - 1))] = oldStarts[(int)(s & (oldStarts.Length - 1))];
        if (_bytes != oldBytes && oldBytes.Length > 0)
        {
            for (var at = Oldest(seq); at < _written; at++)
                _bytes[(int)(at & (bytes - 1))] = oldBytes[(int)(at & (oldBytes.Length - 1))];
        }

        return true;
    }
}
